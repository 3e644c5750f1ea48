#!/usr/bin/env python
import sys

from todo_project import command_line

if __name__ == "__main__":
    command_line.main(sys.argv)
