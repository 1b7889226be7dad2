# HELP python_gc_objects_collected_total Objects collected during gc
# TYPE python_gc_objects_collected_total counter
python_gc_objects_collected_total{generation="0"} 5710.0
python_gc_objects_collected_total{generation="1"} 4561.0
python_gc_objects_collected_total{generation="2"} 0.0
# HELP python_gc_objects_uncollectable_total Uncollectable objects found during GC
# TYPE python_gc_objects_uncollectable_total counter
python_gc_objects_uncollectable_total{generation="0"} 0.0
python_gc_objects_uncollectable_total{generation="1"} 0.0
python_gc_objects_uncollectable_total{generation="2"} 0.0
# HELP python_gc_collections_total Number of times this generation was collected
# TYPE python_gc_collections_total counter
python_gc_collections_total{generation="0"} 105.0
python_gc_collections_total{generation="1"} 8.0
python_gc_collections_total{generation="2"} 0.0
# HELP python_info Python platform information
# TYPE python_info gauge
python_info{implementation="CPython",major="3",minor="11",patchlevel="2",version="3.11.2"} 1.0
# HELP process_virtual_memory_bytes Virtual memory size in bytes.
# TYPE process_virtual_memory_bytes gauge
process_virtual_memory_bytes 1.400602624e+09
# HELP process_resident_memory_bytes Resident memory size in bytes.
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 1.61304576e+08
# HELP process_start_time_seconds Start time of the process since unix epoch in seconds.
# TYPE process_start_time_seconds gauge
process_start_time_seconds 1.79559659502e+09
# HELP process_cpu_seconds_total Total user and system CPU time spent in seconds.
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total 3.74
# HELP process_open_fds Number of open file descriptors.
# TYPE process_open_fds gauge
process_open_fds 52.0
# HELP process_max_fds Maximum number of open file descriptors.
# TYPE process_max_fds gauge
process_max_fds 20000.0
# HELP blogger_llm_circuit_open_until_seconds Until when this process will not ask a provider, as far as it knows; 0 once that answered.
# TYPE blogger_llm_circuit_open_until_seconds gauge
# HELP blogger_llm_call_seconds Calls to models by how they ended: answered, away, refused, invalid, cut.
# TYPE blogger_llm_call_seconds histogram
# HELP blogger_llm_requests_total Requests that models answered; a call makes another where the shape was wrong.
# TYPE blogger_llm_requests_total counter
# HELP blogger_llm_tokens_total Tokens as providers count them.
# TYPE blogger_llm_tokens_total counter
# HELP blogger_llm_cost_usd_total What calls cost, where a price is known.
# TYPE blogger_llm_cost_usd_total counter
# HELP blogger_llm_unpriced_calls_total Calls whose model has no known price.
# TYPE blogger_llm_unpriced_calls_total counter
# HELP blogger_cache_requests_total Answers of the cache: hit (memory), shared, miss (built), stale, away (a try without the store).
# TYPE blogger_cache_requests_total counter
blogger_cache_requests_total{cache="pages",outcome="hit"} 19.0
blogger_cache_requests_total{cache="pages",outcome="shared"} 0.0
blogger_cache_requests_total{cache="pages",outcome="miss"} 2.0
blogger_cache_requests_total{cache="pages",outcome="stale"} 0.0
blogger_cache_requests_total{cache="pages",outcome="away"} 0.0
blogger_cache_requests_total{cache="proof",outcome="hit"} 0.0
blogger_cache_requests_total{cache="proof",outcome="shared"} 0.0
blogger_cache_requests_total{cache="proof",outcome="miss"} 0.0
blogger_cache_requests_total{cache="proof",outcome="stale"} 0.0
blogger_cache_requests_total{cache="proof",outcome="away"} 0.0
# HELP blogger_cache_requests_created Answers of the cache: hit (memory), shared, miss (built), stale, away (a try without the store).
# TYPE blogger_cache_requests_created gauge
blogger_cache_requests_created{cache="pages",outcome="hit"} 1.7955966182125115e+09
blogger_cache_requests_created{cache="pages",outcome="shared"} 1.7955966182125318e+09
blogger_cache_requests_created{cache="pages",outcome="miss"} 1.795596618212826e+09
blogger_cache_requests_created{cache="pages",outcome="stale"} 1.7955966182128456e+09
blogger_cache_requests_created{cache="pages",outcome="away"} 1.7955966182128537e+09
blogger_cache_requests_created{cache="proof",outcome="hit"} 1.795596618214233e+09
blogger_cache_requests_created{cache="proof",outcome="shared"} 1.795596618214247e+09
blogger_cache_requests_created{cache="proof",outcome="miss"} 1.7955966182144232e+09
blogger_cache_requests_created{cache="proof",outcome="stale"} 1.795596618214442e+09
blogger_cache_requests_created{cache="proof",outcome="away"} 1.7955966182144494e+09
# HELP blogger_rate_limit_requests_total Requests by what a limit said: allowed, refused; alone_… where the store was away and the process counted for itself.
# TYPE blogger_rate_limit_requests_total counter
# HELP blogger_http_requests_total Requests by route pattern, method and status; status none: who asked left before the answer began.
# TYPE blogger_http_requests_total counter
blogger_http_requests_total{method="GET",route="/",status="200"} 1.0
blogger_http_requests_total{method="GET",route="(kept page)",status="200"} 2.0
blogger_http_requests_total{method="GET",route="/{language}/{slug}",status="404"} 1.0
# HELP blogger_http_requests_created Requests by route pattern, method and status; status none: who asked left before the answer began.
# TYPE blogger_http_requests_created gauge
blogger_http_requests_created{method="GET",route="/",status="200"} 1.7955966232667308e+09
blogger_http_requests_created{method="GET",route="(kept page)",status="200"} 1.7955966238177168e+09
blogger_http_requests_created{method="GET",route="/{language}/{slug}",status="404"} 1.7955966248586676e+09
# HELP blogger_http_request_seconds From the request to the last byte handed over, without streams of events, which are meant to last.
# TYPE blogger_http_request_seconds histogram
blogger_http_request_seconds_bucket{le="0.005",method="GET",route="/"} 0.0
blogger_http_request_seconds_bucket{le="0.01",method="GET",route="/"} 0.0
blogger_http_request_seconds_bucket{le="0.025",method="GET",route="/"} 0.0
blogger_http_request_seconds_bucket{le="0.05",method="GET",route="/"} 0.0
blogger_http_request_seconds_bucket{le="0.1",method="GET",route="/"} 0.0
blogger_http_request_seconds_bucket{le="0.25",method="GET",route="/"} 1.0
blogger_http_request_seconds_bucket{le="0.5",method="GET",route="/"} 1.0
blogger_http_request_seconds_bucket{le="1.0",method="GET",route="/"} 1.0
blogger_http_request_seconds_bucket{le="2.5",method="GET",route="/"} 1.0
blogger_http_request_seconds_bucket{le="5.0",method="GET",route="/"} 1.0
blogger_http_request_seconds_bucket{le="10.0",method="GET",route="/"} 1.0
blogger_http_request_seconds_bucket{le="30.0",method="GET",route="/"} 1.0
blogger_http_request_seconds_bucket{le="+Inf",method="GET",route="/"} 1.0
blogger_http_request_seconds_count{method="GET",route="/"} 1.0
blogger_http_request_seconds_sum{method="GET",route="/"} 0.22257360500225332
blogger_http_request_seconds_bucket{le="0.005",method="GET",route="(kept page)"} 0.0
blogger_http_request_seconds_bucket{le="0.01",method="GET",route="(kept page)"} 0.0
blogger_http_request_seconds_bucket{le="0.025",method="GET",route="(kept page)"} 0.0
blogger_http_request_seconds_bucket{le="0.05",method="GET",route="(kept page)"} 1.0
blogger_http_request_seconds_bucket{le="0.1",method="GET",route="(kept page)"} 1.0
blogger_http_request_seconds_bucket{le="0.25",method="GET",route="(kept page)"} 2.0
blogger_http_request_seconds_bucket{le="0.5",method="GET",route="(kept page)"} 2.0
blogger_http_request_seconds_bucket{le="1.0",method="GET",route="(kept page)"} 2.0
blogger_http_request_seconds_bucket{le="2.5",method="GET",route="(kept page)"} 2.0
blogger_http_request_seconds_bucket{le="5.0",method="GET",route="(kept page)"} 2.0
blogger_http_request_seconds_bucket{le="10.0",method="GET",route="(kept page)"} 2.0
blogger_http_request_seconds_bucket{le="30.0",method="GET",route="(kept page)"} 2.0
blogger_http_request_seconds_bucket{le="+Inf",method="GET",route="(kept page)"} 2.0
blogger_http_request_seconds_count{method="GET",route="(kept page)"} 2.0
blogger_http_request_seconds_sum{method="GET",route="(kept page)"} 0.13704899600270437
blogger_http_request_seconds_bucket{le="0.005",method="GET",route="/{language}/{slug}"} 0.0
blogger_http_request_seconds_bucket{le="0.01",method="GET",route="/{language}/{slug}"} 0.0
blogger_http_request_seconds_bucket{le="0.025",method="GET",route="/{language}/{slug}"} 0.0
blogger_http_request_seconds_bucket{le="0.05",method="GET",route="/{language}/{slug}"} 0.0
blogger_http_request_seconds_bucket{le="0.1",method="GET",route="/{language}/{slug}"} 1.0
blogger_http_request_seconds_bucket{le="0.25",method="GET",route="/{language}/{slug}"} 1.0
blogger_http_request_seconds_bucket{le="0.5",method="GET",route="/{language}/{slug}"} 1.0
blogger_http_request_seconds_bucket{le="1.0",method="GET",route="/{language}/{slug}"} 1.0
blogger_http_request_seconds_bucket{le="2.5",method="GET",route="/{language}/{slug}"} 1.0
blogger_http_request_seconds_bucket{le="5.0",method="GET",route="/{language}/{slug}"} 1.0
blogger_http_request_seconds_bucket{le="10.0",method="GET",route="/{language}/{slug}"} 1.0
blogger_http_request_seconds_bucket{le="30.0",method="GET",route="/{language}/{slug}"} 1.0
blogger_http_request_seconds_bucket{le="+Inf",method="GET",route="/{language}/{slug}"} 1.0
blogger_http_request_seconds_count{method="GET",route="/{language}/{slug}"} 1.0
blogger_http_request_seconds_sum{method="GET",route="/{language}/{slug}"} 0.07723234099830734
# HELP blogger_http_request_seconds_created From the request to the last byte handed over, without streams of events, which are meant to last.
# TYPE blogger_http_request_seconds_created gauge
blogger_http_request_seconds_created{method="GET",route="/"} 1.7955966232667935e+09
blogger_http_request_seconds_created{method="GET",route="(kept page)"} 1.7955966238177693e+09
blogger_http_request_seconds_created{method="GET",route="/{language}/{slug}"} 1.7955966248587286e+09
# HELP blogger_build_info The program.
# TYPE blogger_build_info gauge
blogger_build_info{instance_id="vm-31953",role="all",version="0.1.0"} 1.0
# HELP blogger_http_in_flight Requests that are being answered.
# TYPE blogger_http_in_flight gauge
blogger_http_in_flight 0.0
# HELP blogger_draining Whether this instance leaves.
# TYPE blogger_draining gauge
blogger_draining 0.0
# HELP blogger_kept_pages_total Kept pages answered before the application.
# TYPE blogger_kept_pages_total counter
blogger_kept_pages_total 17.0
# HELP blogger_cache_entries What this process's memory keeps.
# TYPE blogger_cache_entries gauge
blogger_cache_entries{cache="pages"} 1.0
# HELP blogger_lease_age_seconds Since the last beat that arrived.
# TYPE blogger_lease_age_seconds gauge
blogger_lease_age_seconds 1.599527496000519
# HELP blogger_jobs_running Jobs this process works on.
# TYPE blogger_jobs_running gauge
blogger_jobs_running 0.0
# HELP blogger_db_pool_connections Connections to the database.
# TYPE blogger_db_pool_connections gauge
blogger_db_pool_connections{state="in_use"} 1.0
blogger_db_pool_connections{state="idle"} 5.0
# HELP blogger_db_pool_limit The most there can be.
# TYPE blogger_db_pool_limit gauge
blogger_db_pool_limit 15.0
# HELP blogger_fleet_readable Whether the database could be asked about the fleet.
# TYPE blogger_fleet_readable gauge
blogger_fleet_readable 1.0
# HELP blogger_dependency_up What this instance depends on, and whether it answers.
# TYPE blogger_dependency_up gauge
blogger_dependency_up{dependency="database"} 1.0
# HELP blogger_check_level What a check found: 0 fine, 1 a warning, 2 an error.
# TYPE blogger_check_level gauge
blogger_check_level{check="session_storage"} 2.0
blogger_check_level{check="cache_storage"} 2.0
blogger_check_level{check="database"} 2.0
blogger_check_level{check="file_storage"} 2.0
blogger_check_level{check="logs"} 1.0
blogger_check_level{check="secret_key"} 2.0
blogger_check_level{check="jobs"} 2.0
blogger_check_level{check="clock"} 0.0
blogger_check_level{check="schema"} 0.0
blogger_check_level{check="connections"} 0.0
blogger_check_level{check="pubsub"} 1.0
blogger_check_level{check="limits"} 2.0
blogger_check_level{check="balancer"} 0.0
blogger_check_level{check="settings"} 0.0
blogger_check_level{check="health"} 0.0
# HELP blogger_stateless Whether all that holds state is shared.
# TYPE blogger_stateless gauge
blogger_stateless 0.0
# HELP blogger_instances_live Instances of the fleet that beat.
# TYPE blogger_instances_live gauge
blogger_instances_live 1.0
# HELP blogger_settings_differ Instances on which a setting is another.
# TYPE blogger_settings_differ gauge
# HELP blogger_jobs Jobs of the fleet by state.
# TYPE blogger_jobs gauge
blogger_jobs{state="held"} 0.0
blogger_jobs{state="queued"} 0.0
blogger_jobs{state="running"} 0.0
blogger_jobs{state="succeeded"} 0.0
blogger_jobs{state="failed"} 0.0
blogger_jobs{state="cancelled"} 0.0
blogger_jobs{state="parked"} 0.0
# HELP blogger_queue_depth What waits in a queue.
# TYPE blogger_queue_depth gauge
blogger_queue_depth{queue="posts"} 0.0
blogger_queue_depth{queue="llm"} 0.0
# HELP blogger_queue_begun What was taken from a queue and has not ended.
# TYPE blogger_queue_begun gauge
blogger_queue_begun{queue="posts"} 0.0
blogger_queue_begun{queue="llm"} 0.0
# HELP blogger_queue_oldest_seconds How long what is oldest waits.
# TYPE blogger_queue_oldest_seconds gauge
blogger_queue_oldest_seconds{queue="posts"} 0.0
blogger_queue_oldest_seconds{queue="llm"} 0.0
# HELP blogger_spent_today_usd Spent on models today (UTC), where known.
# TYPE blogger_spent_today_usd gauge
blogger_spent_today_usd 0.0
# HELP blogger_reserved_today_usd Set aside for calls under way.
# TYPE blogger_reserved_today_usd gauge
blogger_reserved_today_usd 0.0
# HELP blogger_cap_usd The caps on spending that are set.
# TYPE blogger_cap_usd gauge
