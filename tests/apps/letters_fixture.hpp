#pragma once

#include <leat/tests/apps/leat_kafka_fixture.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace leat::testing {

/// A topic, and letters about its records as a job writes them.
struct some_letters : leat_kafka_fixture {
  some_letters() {
    write("no number", "parse", "a");
    write("no number", "parse", "b");
    write("too late", "clean", "c", {"--header", "leat.cause.1=no time", "--header", "leat.cause.2=no clock"});
  }

  void write(
    const std::string& reason, const std::string& step, const std::string& payload, std::vector<std::string> more = {}) {
    if (std::ranges::find(more, "leat.offset=-1") == more.end())
      more.insert(more.end(), {"--header", "leat.offset=7"});
    for (const auto& header : {"reason=" + reason, "step=" + step, "topic=" + name, std::string{"partition=1"}})
      more.insert(more.end(), {"--header", "leat." + header});
    std::vector<std::string> arguments{"produce", letters, file("letter", payload + "\n")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    REQUIRE(leat(arguments).exit == 0);
  }

  /// What the topic holds, in the partition that the letters come from.
  std::string held() const { return output({"consume", name, "--raw", "--partition", "1"}); }

  command_result replay(std::vector<std::string> options) const {
    options.insert(options.begin(), {"dlq", "replay", name});
    return leat(options);
  }

  const std::string name = topic("tools", 2);
  const std::string letters = topic_of_letters();

private:
  std::string topic_of_letters() const {
    output({"topics", "create", name + "-dlq"});
    return name + "-dlq";
  }
};

} // namespace leat::testing
