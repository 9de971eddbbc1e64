"""Commands that do here by models what they do elsewhere by the API: see `cli.doors`."""
