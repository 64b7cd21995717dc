"""What the judging of several questions shares. It knows of none of them."""
