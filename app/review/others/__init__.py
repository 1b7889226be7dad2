"""Articles elsewhere that a text is compared with: files of a folder, pages of a site."""
