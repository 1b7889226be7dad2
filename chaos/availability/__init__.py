"""What readers and writers notice while the fleet behind its balancer is broken, drained, rolled and scaled."""
