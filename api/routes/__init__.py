"""The addresses of the API, by resource: exactly the documented ones, no slash at the end."""
