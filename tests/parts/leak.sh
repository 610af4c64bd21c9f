# shellcheck shell=bash disable=SC2154
# part: -- leak
# help: (by name only, about 10 minutes) PHP scripts under valgrind, PHP's own allocator off:
# help: no leak, no invalid access

# Those that measure time, fork, or leave objects alive on purpose say nothing here.
leak_tests() {
    ls php-tests/{callback,conf,message,metadata,topic_partition,errors,transaction,embedded}/*.phpt \
        php-tests/produce/{arguments,binary,compression,headers,headers_many,header_values,idempotence,opaque,opaque_no_callback,partitioner_explicit,purge,queue_full,report_dump,transaction_commit,two_producers}.phpt \
        php-tests/consume/{assign,close,headers_repeated,incremental,message_kept,partition_eof,pause,tombstone,watermarks}.phpt \
        php-tests/group/{commit_async,commit_message,cooperative,rebalance_callback,two_consumers}.phpt \
        php-tests/legacy/{batch,callback,consume,queue,order_of_destruction}.phpt \
        php-tests/lifecycle/{destroy_order,exception_from_report,gc_clients,gc_conf,subclasses,uninitialised}.phpt 2>/dev/null |
        grep -v -e callback/exit -e callback/fatal -e callback/error_ -e unreachable -e conf/construct
}

test_leak() {
    build
    need valgrind command -v valgrind
    install_missing
    local tests
    mapfile -t tests < <(leak_tests)
    # pcre.jit: code that valgrind cannot follow
    VALGRIND_OPTS='--leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite --num-callers=25' \
        PHPT_OPTIONS="-m -d pcre.jit=0 -d auto_append_file=$ROOT/php-tests/_collect.php" PHPT_SECONDS=600 \
        phpt leak "${tests[@]}"
}
