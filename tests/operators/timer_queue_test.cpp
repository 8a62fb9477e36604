#include <leat/operators/state/timer_queue.hpp>

#include <catch2/catch.hpp>

#include <random>
#include <set>
#include <string>
#include <vector>

using namespace leat;

namespace {

using timers = timer_queue<std::string>;

void set(timers& t, std::int64_t when, const std::string& key) { t.set(from_millis(when), {key, key_hash(key)}); }
void erase(timers& t, std::int64_t when, const std::string& key) { t.erase(from_millis(when), {key, key_hash(key)}); }

/// The timers that are due, as "time key".
std::vector<std::string> due(timers& t, std::int64_t now) {
  std::vector<std::string> all;
  timers::timer next;
  while (t.pop(from_millis(now), next))
    all.push_back(std::to_string(to_millis(next.when)) + ' ' + next.key);
  return all;
}

} // namespace

TEST_CASE("timers come in the order of their times, those of one time in the order in which they were set") {
  timers t;
  set(t, 30, "a");
  set(t, 10, "c");
  set(t, 10, "b");
  set(t, 20, "a");
  CHECK(due(t, 25) == std::vector<std::string>{"10 c", "10 b", "20 a"});
  CHECK(due(t, 30) == std::vector<std::string>{"30 a"});
  CHECK(t.empty());
}

TEST_CASE("a key has one timer at each time") {
  timers t;
  set(t, 10, "a");
  set(t, 10, "a");
  set(t, 10, "b");
  CHECK(t.size() == 2);
  CHECK(due(t, 10) == std::vector<std::string>{"10 a", "10 b"});
}

TEST_CASE("a deleted timer does not come, one that is set again comes once") {
  timers t;
  set(t, 10, "a");
  set(t, 10, "b");
  erase(t, 10, "a");
  erase(t, 11, "b");
  CHECK(due(t, 9).empty());
  set(t, 10, "a");
  CHECK(due(t, 10) == std::vector<std::string>{"10 b", "10 a"});
}

TEST_CASE("random settings and deletions leave what a plain set holds") {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    timers t;
    std::set<std::pair<std::int64_t, std::string>> model;
    std::int64_t now = 0;
    for (int i = 0; i < 400; ++i) {
      const auto when = now + static_cast<std::int64_t>(random() % 50) + 1;
      const std::string key(1, static_cast<char>('a' + random() % 4));
      switch (random() % 5) {
      case 0:
      case 1:
        set(t, when, key);
        model.emplace(when, key);
        break;
      case 2:
      case 3:
        erase(t, when, key);
        model.erase({when, key});
        break;
      default: {
        now += static_cast<std::int64_t>(random() % 10);
        const auto got = due(t, now);
        std::multiset<std::string> expected;
        while (!model.empty() && model.begin()->first <= now) {
          expected.insert(std::to_string(model.begin()->first) + ' ' + model.begin()->second);
          model.erase(model.begin());
        }
        REQUIRE(std::multiset<std::string>(got.begin(), got.end()) == expected);
      }
      }
      REQUIRE(t.size() == model.size());
      if (!model.empty())
        REQUIRE(to_millis(t.latest()) >= model.rbegin()->first);
    }
  }
}
