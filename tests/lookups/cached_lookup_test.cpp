#include <leat/connectors/lookups/cached_lookup.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace leat;
using namespace std::chrono_literals;

namespace {

using lookup = cached_lookup<std::string, std::string>;

/// A lookup whose time and answers the test says.
class asked_by_hand {
public:
  explicit asked_by_hand(lookup_options options)
    : keys_{std::make_shared<lookup>(
        options,
        [this](const std::string& key, lookup::answer then) {
          asked.push_back(key);
          open_.push_back(std::move(then));
        },
        [this](circuit_breaker::state s, const std::string& why) {
          states.push_back(std::string{to_text(s)} + ": " + why);
        },
        [this] { return now; })} {}

  /// What `find` has told, with a `?` when it has not yet.
  std::shared_ptr<std::string> find(const std::string& key) {
    auto told = std::make_shared<std::string>("?");
    keys_->find(key, [told](const lookup::result& r) {
      *told = !r.failure.empty() ? "! " + r.failure
                                 : (r.value             ? *r.value
                                    : r.absence.empty() ? "none"
                                                        : "none, " + r.absence) +
                                     (r.stale ? " (stale)" : "");
    });
    return told;
  }

  std::optional<lookup::result> known(const std::string& key) { return keys_->known(key); }

  /// Answers the oldest question.
  void answer(lookup::result r) {
    auto then = std::move(open_.front());
    open_.erase(open_.begin());
    then(std::move(r));
  }

  [[nodiscard]] const lookup& keys() const { return *keys_; }

  lookup::clock::time_point now{};
  std::vector<std::string> asked, states;

private:
  std::vector<lookup::answer> open_;
  std::shared_ptr<lookup> keys_;
};

} // namespace

TEST_CASE("what is known is not asked for again until its time is over, what does not exist for a shorter time") {
  asked_by_hand at{{.fresh_for = 60s, .absent_for = 10s}};
  const auto first = at.find("ann");
  CHECK(*first == "?");
  at.answer(lookup::result::of("gold"));
  CHECK(*first == "gold");
  at.find("bob");
  at.answer(lookup::result::absent());
  at.now += 9'999ms;
  CHECK(*at.find("ann") == "gold");
  CHECK(*at.find("bob") == "none");
  CHECK(at.asked == std::vector<std::string>{"ann", "bob"});
  at.now += 1ms;
  CHECK(*at.find("ann") == "gold");
  CHECK(*at.find("bob") == "?");
  at.now += 50s;
  CHECK(*at.find("ann") == "?");
  CHECK(at.asked == std::vector<std::string>{"ann", "bob", "bob", "ann"});
}

TEST_CASE("whoever wants a key that is being asked for waits for the same answer, also a failure") {
  asked_by_hand at{{}};
  const auto a = at.find("ann"), b = at.find("ann");
  CHECK(at.asked.size() == 1);
  at.answer(lookup::result::failed("no route"));
  CHECK(*a == "! no route");
  CHECK(*b == "! no route");
  CHECK(*at.find("ann") == "?"); // failures are not kept
  CHECK(at.asked.size() == 2);
  CHECK(at.keys().counted().joined == 1);
}

TEST_CASE("an old value is better than none while asking fails, for as long as it may be") {
  asked_by_hand at{{.fresh_for = 10s, .stale_for = 10s, .breaker = {.calls = 100}}};
  at.find("ann");
  at.answer(lookup::result::of("gold"));
  at.now += 10s;
  const auto old = at.find("ann");
  CHECK(*old == "?");
  at.answer(lookup::result::failed("busy"));
  CHECK(*old == "gold (stale)");
  at.now += 10s;
  const auto too_old = at.find("ann");
  at.answer(lookup::result::failed("busy"));
  CHECK(*too_old == "! busy");
}

TEST_CASE("a service that fails is left alone, then tried once, and the breaker's changes are told with a reason") {
  asked_by_hand at{{.breaker = {.calls = 2, .failures = 1, .open_for = 5s}}};
  for (int i = 0; i < 2; ++i) {
    at.find("ann");
    at.answer(lookup::result::failed("HTTP 500"));
  }
  CHECK(at.states == std::vector<std::string>{"open: HTTP 500"});
  const auto refused = at.find("bob");
  CHECK_THAT(*refused, Catch::Matchers::Contains("not asked"));
  CHECK(at.asked.size() == 2);
  at.now += 5s;
  const auto trial = at.find("cid");
  CHECK_THAT(*at.find("dan"), Catch::Matchers::Contains("not asked"));
  at.answer(lookup::result::of("iron"));
  CHECK(*trial == "iron");
  CHECK(at.states.back() == "closed: ");
  CHECK(*at.find("dan") == "?");
}

TEST_CASE("a question that nobody answers, or that cannot be asked, has failed, and is asked again") {
  int asked = 0;
  const auto keys = std::make_shared<lookup>(lookup_options{}, [&](const std::string& key, const lookup::answer&) {
    ++asked; // and forgets whom to tell
    if (key == "bad")
      throw std::runtime_error{"no such key"};
  });
  for (int i = 0; i < 2; ++i) {
    std::string lost, bad;
    keys->find("ann", [&](const lookup::result& r) { lost = r.failure; });
    keys->find("bad", [&](const lookup::result& r) { bad = r.failure; });
    CHECK_THAT(lost, Catch::Matchers::Contains("without an answer"));
    CHECK(bad == "no such key");
  }
  CHECK(asked == 4);
}

TEST_CASE("why there is no value is remembered with it") {
  asked_by_hand at{{.absent_for = 10s}};
  at.find("ann");
  at.answer(lookup::result::absent("she has left"));
  CHECK(*at.find("ann") == "none, she has left");
}

TEST_CASE("a full cache forgets the key that was not used for longest") {
  asked_by_hand at{{.capacity = 2}};
  for (const auto* key : {"a", "b"}) {
    at.find(key);
    at.answer(lookup::result::of(key));
  }
  CHECK(*at.find("a") == "a");
  at.find("c");
  at.answer(lookup::result::of("c"));
  CHECK(at.keys().size() == 2);
  CHECK(*at.find("a") == "a");
  CHECK(*at.find("b") == "?");
}

TEST_CASE("what is known is told at once, for as long as it is fresh, and nobody is asked for it") {
  asked_by_hand at{{.capacity = 2, .fresh_for = 10s, .absent_for = 5s, .stale_for = 1h}};
  CHECK_FALSE(at.known("ann"));
  at.find("ann");
  CHECK_FALSE(at.known("ann"));
  at.answer(lookup::result::of("Ann"));
  at.find("bob");
  at.answer(lookup::result::absent("he has left"));
  CHECK(*at.known("ann")->value == "Ann"); // now the one that was used last
  CHECK(at.known("bob")->value == nullptr);
  CHECK(at.known("bob")->absence == "he has left");
  CHECK(at.keys().counted().hits == 3);
  at.now += 5s;
  CHECK_FALSE(at.known("bob"));
  CHECK(at.known("ann"));
  at.find("cid");
  at.answer(lookup::result::of("Cid"));
  CHECK(at.known("ann")); // bob had to go
  at.now += 5s;
  CHECK_FALSE(at.known("ann"));
  CHECK(at.asked == std::vector<std::string>{"ann", "bob", "cid"});
}

TEST_CASE("threads share a lookup") {
  std::atomic<int> asked = 0;
  const auto keys =
    std::make_shared<cached_lookup<int, int>>(lookup_options{.capacity = 16}, [&](int key, const auto& then) {
      ++asked;
      then(lookup_result<int>::of(key * key));
    });
  std::atomic<int> wrong = 0, told = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 20'000; ++i) {
          const int key = (i * 7 + t) % 32;
          keys->find(key, [&, key](const lookup_result<int>& r) {
            ++told;
            wrong += r.value && *r.value == key * key ? 0 : 1;
          });
        }
      });
  }
  CHECK(told == 80'000);
  CHECK(wrong == 0);
  CHECK(keys->size() <= 16);
}
