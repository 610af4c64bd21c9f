# shellcheck shell=bash disable=SC2154
# part: 20 phpt
# help: PHP scripts under the built extension (php-tests/)

test_phpt() {
    build
    phpt phpt php-tests
}
