"""What keeps an instance for years: it is backed up, restored, and looked through for damage."""
