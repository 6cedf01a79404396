"""What models that generate a row column by column share: sampling under conditions."""
