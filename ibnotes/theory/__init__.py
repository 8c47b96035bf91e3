"""What should come out: oracles with certificates, asymptotics, risk, complexity. Never imports the dynamics."""
