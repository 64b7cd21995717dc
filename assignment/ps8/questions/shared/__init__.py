"""What several questions share. It knows of none of them."""
