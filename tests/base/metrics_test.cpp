#include <leat/base/metrics.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <thread>
#include <vector>

using namespace leat;

TEST_CASE("a metric counts, is set, and rises but does not fall") {
  metric m;
  m.add(5);
  m.add(-2);
  CHECK(m.value() == 3);
  m.raise_to(2);
  CHECK(m.value() == 3);
  m.raise_to(9);
  CHECK(m.value() == 9);
  m.set(1);
  CHECK(m.value() == 1);
}

TEST_CASE("one name, step and instance is one metric, wherever it is asked for") {
  metrics all;
  CHECK(&all.get("records_in", "alerts", 0) == &all.get("records_in", "alerts", 0));
  CHECK(&all.get("records_in", "alerts", 0) != &all.get("records_in", "alerts", 1));
  CHECK(&all.get("records_in", "alerts", 0) != &all.get("records_in", "source", 0));
  CHECK(&all.get("records_in", "alerts", 0) != &all.get("records_out", "alerts", 0));
}

TEST_CASE("a metric stays where it is while others are added") {
  metrics all;
  auto& first = all.get("first", "", 0);
  for (std::uint32_t i = 0; i < 1000; ++i)
    all.get("other", "", i);
  first.set(7);
  CHECK(&all.get("first", "", 0) == &first);
  CHECK(all.sum("first") == 7);
}

TEST_CASE("sums are taken over instances, and over one step when asked") {
  metrics all;
  all.get("lag", "a", 0).set(3);
  all.get("lag", "a", 1).set(8);
  all.get("lag", "b", 0).set(5);
  all.get("other", "a", 0).set(100);
  CHECK(all.sum("lag") == 16);
  CHECK(all.sum("lag", "a") == 11);
  CHECK(all.sum("unknown") == 0);
}

TEST_CASE("outputs of one step are told apart, and summed") {
  metrics all;
  all.get("unread_records", "split", 0, "a").add(3);
  all.get("unread_records", "split", 0, "b").add(4);
  CHECK(all.get("unread_records", "split", 0, "a").value() == 3);
  CHECK(all.samples()[1].output == "b");
  CHECK(all.sum("unread_records", "split") == 7);
}

TEST_CASE("of what is noted, the first of a name and a step stands") {
  metrics all;
  all.note("first_refusal", "a", "too large");
  all.note("first_refusal", "a", "no number");
  all.note("first_refusal", "b", "empty");
  CHECK(all.noted("first_refusal", "a") == "too large");
  CHECK(all.noted("first_refusal", "b") == "empty");
  CHECK(all.noted("other", "a").empty());
}

TEST_CASE("samples tell each metric with its labels, in the order of registration") {
  metrics all;
  all.get("records_in", "alerts", 2).set(11);
  all.get("records_out", "source", 0).set(12);
  const auto samples = all.samples();
  REQUIRE(samples.size() == 2);
  CHECK(samples[0].name == "records_in");
  CHECK(samples[0].step == "alerts");
  CHECK(samples[0].instance == 2);
  CHECK(samples[0].value == 11);
  CHECK(samples[1].name == "records_out");
}

TEST_CASE("metrics are registered from many threads and read beside their writers") {
  metrics all;
  std::vector<std::thread> writers;
  for (std::uint32_t i = 0; i < 4; ++i)
    writers.emplace_back([&all, i] {
      auto& mine = all.get("events", "step", i);
      for (int n = 0; n < 10'000; ++n)
        mine.add(1);
    });
  for (int n = 0; n < 100; ++n)
    CHECK(all.sum("events") <= 40'000);
  for (auto& w : writers)
    w.join();
  CHECK(all.sum("events") == 40'000);
}

TEST_CASE("texts are counted by name and step, the most frequent first") {
  metrics registry;
  CHECK(registry.tallied("refusals", "in") == nullptr);
  for (const auto* text : {"a", "b", "c", "b"})
    registry.tally_of("refusals", "in").add(text);
  using counts = std::vector<std::pair<std::string, std::uint64_t>>;
  CHECK(registry.tallied("refusals", "in")->most_frequent(2) == counts{{"b", 2}, {"a", 1}});
  CHECK(registry.tallied("refusals", "out") == nullptr);
}

TEST_CASE("whoever sends bad records does not decide how many texts are kept") {
  tally texts;
  for (int i = 0; i < 1'000; ++i)
    texts.add(std::to_string(i));
  const auto all = texts.most_frequent(1'000);
  CHECK(all.size() == tally::most_texts + 1);
  CHECK(all.front() == std::pair{std::string{}, std::uint64_t{1'000 - tally::most_texts}});
}
