"""One policy, written out as the configuration of each balancer. Pure text: nothing here is started."""
