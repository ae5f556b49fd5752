"""What the parts are for: whole tasks, from text to text."""
