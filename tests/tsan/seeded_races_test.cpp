#include <catch2/catch.hpp>

#include <array>
#include <cstdio>
#include <memory>
#include <string>

// Only a build under ThreadSanitizer has the programs, and something to prove.
#ifdef LEAT_RACES

namespace {

/// What the program of this name says when it runs.
std::string output_of(const std::string& race) {
  const auto command = "TSAN_OPTIONS=halt_on_error=1 " LEAT_RACES "/race_" + race + " 2>&1";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe{popen(command.c_str(), "r"), pclose};
  REQUIRE(pipe);
  std::string text;
  for (std::array<char, 4096> part; std::fgets(part.data(), part.size(), pipe.get());)
    text += part.data();
  return text;
}

} // namespace

TEST_CASE("ThreadSanitizer finds each class out when its lock or its atomic is taken away") {
  for (const auto* race :
       {"batch_pool_without_lock", "batch_with_plain_count", "wake_gate_with_plain_flag", "metric_with_plain_value",
        "metrics_without_lock", "job_outcome_without_lock", "client_log_without_lock", "partition_reach_without_lock",
        "offset_committer_without_lock", "console_without_lock", "latency_log_without_lock", "file_search_without_lock",
        "file_watch_without_lock", "rolling_file_without_lock", "refusal_log_without_lock", "async_inbox_without_lock",
        "schema_cache_without_lock"}) {
    CAPTURE(race);
    CHECK_THAT(output_of(race), Catch::Contains("WARNING: ThreadSanitizer: data race"));
  }
}

#endif
