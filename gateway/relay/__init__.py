"""The way out: replies are handed to the company's SMTP relay."""
