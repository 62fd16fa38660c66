"""What reaches in from outside: a real broker, a real socket, mock pins."""
