"""Who is in the course, and what each platform calls them."""
