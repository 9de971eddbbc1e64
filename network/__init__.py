"""What every way out to the network needs: judged addresses, time limits, trust. No Django."""
