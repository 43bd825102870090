"""Files of weights -> what scanners say of them, and the records of it."""
