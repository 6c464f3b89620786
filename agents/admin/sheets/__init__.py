"""Import and export as CSV: files, columns, what an import would change, and the pages for it."""
