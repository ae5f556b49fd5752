"""Every figure of the course: one style, one function a figure, each returning the data it drew."""
