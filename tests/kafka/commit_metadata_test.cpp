#include <leat/connectors/kafka/offset_committer.hpp>

#include <catch2/catch.hpp>

using namespace leat;

TEST_CASE("the settled time survives its way through a committed offset") {
  for (const auto t : {min_timestamp, from_millis(-1), from_millis(0), from_millis(1'700'000'000'123), max_timestamp})
    CHECK(parse_commit_metadata(format_commit_metadata(t)) == t);
  CHECK(format_commit_metadata(from_millis(42)) == "leat:1:42");
}

TEST_CASE("metadata that another program has committed is no settled time") {
  for (const char* text : {"", "leat", "leat:1:", "leat:1:4x", "leat:2:42", "note", "leat:1:99999999999999999999"})
    CHECK(parse_commit_metadata(text) == std::nullopt);
}
