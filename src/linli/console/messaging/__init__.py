"""The pages about sends."""
