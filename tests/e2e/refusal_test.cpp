#include "pipes.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

#include <unistd.h>

using namespace leat::testing;
using Catch::Matchers::Contains;

// What a job refuses before it starts: missing topics, brokers and permissions within ten seconds, and wrong
// configuration with file, line and key (row 32 of the faults).

namespace {

constexpr std::chrono::seconds patience{10};

struct refusal {
  int code = 0;
  std::string log;
};

refusal run(const std::vector<std::string>& arguments) {
  job_process job{windowed_totals, arguments};
  const auto code = job.wait_exit(patience);
  return {code, job.log()};
}

std::vector<std::string> as_guest(const pipes& topics) {
  return {"--brokers", kafka_server::shared().guarded_brokers(),
          "--input",   topics.input,
          "--output",  topics.output,
          "--set",     "kafka.properties.security.protocol=SASL_PLAINTEXT",
          "--set",     "kafka.properties.sasl.mechanism=PLAIN",
          "--set",     "kafka.properties.sasl.username=guest",
          "--set",     "kafka.properties.sasl.password=guest"};
}

/// A configuration file that is removed with it.
class config_file {
public:
  explicit config_file(const std::string& text)
    : path_{std::filesystem::temp_directory_path() / ("leat-e2e-" + std::to_string(getpid()) + ".yaml")} {
    std::ofstream{path_} << text;
  }
  ~config_file() { std::filesystem::remove(path_); }
  config_file(const config_file&) = delete;
  config_file& operator=(const config_file&) = delete;
  [[nodiscard]] std::string path() const { return path_.string(); }

private:
  const std::filesystem::path path_;
};

refusal run_with(const std::string& yaml) {
  const config_file file{yaml};
  return run({"--config", file.path()});
}

} // namespace

TEST_CASE("a missing input topic ends the program with its name") {
  const pipes topics{windowed_totals};
  const auto r = run({"--brokers", brokers(), "--input", "no-such-input", "--output", topics.output});
  CHECK(r.code == 1);
  CHECK_THAT(r.log, Contains("no-such-input") && Contains("does not exist") && Contains(brokers()));
}

TEST_CASE("a missing output topic ends the program with its name") {
  const pipes topics{windowed_totals};
  const auto r = run({"--brokers", brokers(), "--input", topics.input, "--output", "no-such-output"});
  CHECK(r.code == 1);
  CHECK_THAT(r.log, Contains("no-such-output") && Contains("does not exist") && Contains(brokers()));
}

TEST_CASE("a broker that is not there ends the program with its address") {
  const auto nobody = "127.0.0.1:" + std::to_string(free_port());
  const auto r = run({"--brokers", nobody});
  CHECK(r.code == 1);
  CHECK_THAT(r.log, Contains("no broker") && Contains(nobody));
}

TEST_CASE("a user without permission ends the program with the topic's name") {
  const pipes topics{windowed_totals};
  const auto r = run(as_guest(topics));
  CHECK(r.code == 1);
  CHECK_THAT(r.log, Contains("no permission") && (Contains(topics.input) || Contains(topics.output)));
}

TEST_CASE("a user who may see the output but not write it ends the program with topic and permission") {
  const pipes topics{windowed_totals};
  const auto& kafka = kafka_server::shared();
  kafka.allow("guest", {"Read"}, topics.input);
  kafka.allow("guest", {"Describe"}, topics.output);
  kafka.allow_group("guest", topics.input);
  auto arguments = as_guest(topics);
  arguments.insert(arguments.end(), {"--set", "kafka.group=" + topics.input});
  const auto r = run(arguments);
  CHECK(r.code == 1);
  CHECK_THAT(r.log, Contains("no permission to write to topic") && Contains(topics.output) && Contains("WRITE"));
}

TEST_CASE("an unknown key is refused with file, line and the nearest known key") {
  const auto r = run_with("job:\n  threads: 2\nkafka:\n  brokrs: here:9092\n");
  CHECK(r.code == 2);
  CHECK_THAT(r.log, Contains(".yaml:4") && Contains("kafka.brokrs") && Contains("kafka.brokers"));
}

TEST_CASE("a value of the wrong type is refused with file, line and key") {
  const auto r = run_with("job:\n  threads: 2\n  commit-interval: soon\n");
  CHECK(r.code == 2);
  CHECK_THAT(r.log, Contains(".yaml:3") && Contains("job.commit-interval") && Contains("soon"));
}

TEST_CASE("a parallelism that cannot be is refused with its origin") {
  for (const std::string value : {"0", "1000000"}) {
    const auto in_file = run_with("\njob: {parallelism: " + value + "}\n");
    CHECK(in_file.code == 2);
    CHECK_THAT(in_file.log, Contains(".yaml:2") && Contains("job.parallelism") && Contains(value));
    const auto on_line = run({"--parallelism", value});
    CHECK(on_line.code == 2);
    CHECK_THAT(on_line.log, Contains("--parallelism") && Contains(value));
  }
}

TEST_CASE("a parallelism above the number of key groups is refused before anything starts") {
  const auto r = run_with("job:\n  max-parallelism: 16\n  parallelism: 17\n");
  CHECK(r.code == 2);
  CHECK_THAT(r.log, Contains(".yaml:3") && Contains("job.parallelism") && Contains("17") && Contains("16"));
}

TEST_CASE("a file that is not there, or not YAML, is refused with its name") {
  const auto missing = run({"--config", "/no/such/file.yaml"});
  CHECK(missing.code == 2);
  CHECK_THAT(missing.log, Contains("/no/such/file.yaml"));
  const auto broken = run_with("job:\n  threads: [1\nkafka: }\n");
  CHECK(broken.code == 2);
  CHECK_THAT(broken.log, Contains(".yaml:"));
}
