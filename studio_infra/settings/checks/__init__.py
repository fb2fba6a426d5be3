"""What is right in every section and wrong together: one section against another, people against teams."""
