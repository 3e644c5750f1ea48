# As many processes and threads as the service.
workers = 2
worker_class = "gthread"
threads = 8
keepalive = 75
http_parser = "fast"
accesslog = "-"
control_socket_disable = True
