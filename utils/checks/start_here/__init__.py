"""Exercise of lesson 00."""

import utils.checks.start_here.warm_up
