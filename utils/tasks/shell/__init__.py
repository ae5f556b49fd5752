"""The tasks from a shell: training, and the use of what was trained; a file a command."""
