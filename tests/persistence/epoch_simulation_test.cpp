#include <leat/persistence/epoch_ledger.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

using namespace leat;

namespace {

/// A job by its rules alone: two sources of records with rising times, of which the second falls silent now and then, and sinks
/// behind windows of ten milliseconds of one of them, behind windows of thirty of those, or behind no window at all; such a sink
/// may end early. Steps happen in random order; the ledger's decisions are carried out and judged against what the sinks have
/// delivered.
class simulation {
public:
  explicit simulation(unsigned seed) : random_{seed}, sinks_(1 + random_() % 4) {
    std::set<actor_id> ids;
    for (actor_id id = 0; id < sinks_.size(); ++id) {
      sinks_[id].source = random_() % 2;
      sinks_[id].windows = id == 0 ? 1 + random_() % 2 : random_() % 3;
      ids.insert(id);
    }
    ledger_.emplace(std::move(ids));
  }

  void run() {
    for (int i = 0; i < 600; ++i)
      switch (random_() % 4) {
      case 0:
        read_on();
        break;
      case 1:
        if (ledger_->idle() || random_() % 20 == 0)
          begin();
        break;
      default:
        turn_of(random_() % sinks_.size());
      }
  }

  int commits = 0;
  int ends = 0;

private:
  struct barrier {
    std::uint64_t epoch;
    std::array<std::int64_t, 2> positions; // times of the last records before it: positions are times here
  };

  struct sink {
    std::size_t source = 0;
    std::size_t windows = 0;     // levels of windows before it
    std::int64_t watermark = -1; // every window whose last millisecond is <= this has been delivered here
    std::size_t barriers = 0;    // of those that were sent
    bool ended = false;
    std::vector<settle_epoch> asked;

    /// The last millisecond of the last window that a record of time `t` goes into; none without windows.
    [[nodiscard]] std::int64_t last_window(std::int64_t t) const {
      const auto first = t / 10 * 10 + 9;
      return windows == 0 ? -1 : windows == 1 ? first : first / 30 * 30 + 29;
    }
    [[nodiscard]] timestamp fired_until() const { return windows == 0 ? max_timestamp : from_millis(watermark); }
  };

  void read_on() {
    if (random_() % 40 == 0)
      silent_ = !silent_;
    times_[0] += static_cast<std::int64_t>(random_() % 7);
    if (!silent_)
      times_[1] = std::max(times_[1], times_[0] - static_cast<std::int64_t>(random_() % 9));
  }

  void begin() { sent_.push_back({ledger_->begin(), times_}); }

  void turn_of(std::size_t number) {
    auto& s = sinks_[number];
    const auto id = static_cast<actor_id>(number);
    if (s.ended)
      return;
    if (s.barriers < sent_.size() && random_() % 2 == 0) {
      const auto& b = sent_[s.barriers++];
      s.watermark = std::max(s.watermark, b.positions[s.source] - 1);
      const auto last = s.last_window(b.positions[s.source]);
      const auto settles_at = last < 0 ? min_timestamp : from_millis(last);
      if (const auto request = ledger_->on_arrived({id, b.epoch, settles_at, s.fired_until()}))
        ask(*request);
    } else if (s.barriers == sent_.size()) {
      s.watermark = std::max(s.watermark, times_[s.source] - static_cast<std::int64_t>(random_() % 5) - 1);
    }
    settle(id, s);
    if (s.windows == 0 && random_() % 40 == 0)
      end(id, s);
  }

  void ask(const settle_epoch& request) {
    for (auto& each : sinks_)
      if (!each.ended)
        each.asked.push_back(request);
  }

  void settle(actor_id id, sink& s) {
    for (auto r = s.asked.begin(); r != s.asked.end();) {
      if (r->settled > s.fired_until()) {
        ++r;
        continue;
      }
      const auto epoch = r->epoch;
      r = s.asked.erase(r);
      if (const auto commit = ledger_->on_settled({id, epoch}))
        judge(*commit);
    }
  }

  /// The sources before a sink have ended, and it has delivered everything; barriers under way never reach it.
  void end(actor_id id, sink& s) {
    s.ended = true;
    ++ends;
    const auto decided = ledger_->on_ended({id, max_timestamp});
    for (const auto& request : decided.settle)
      ask(request);
    if (decided.commit)
      judge(*decided.commit);
  }

  /// Whatever is committed must be everywhere.
  void judge(const commit_epoch& commit) {
    const auto b = std::find_if(sent_.begin(), sent_.end(), [&](const auto& x) { return x.epoch == commit.epoch; });
    REQUIRE(b != sent_.end());
    for (const auto& s : sinks_) {
      if (s.windows == 0) {
        REQUIRE((s.ended || s.barriers >= static_cast<std::size_t>(b - sent_.begin()) + 1)); // its records have come
        continue;
      }
      const auto last = s.last_window(b->positions[s.source]);
      REQUIRE(s.watermark >= last);                      // every window with a record before the position
      REQUIRE(s.watermark >= to_millis(commit.settled)); // everything that will be skipped at a restart
      REQUIRE(to_millis(commit.settled) >= last);        // no window is sent again in part
    }
    REQUIRE(commit.epoch > last_.epoch);
    REQUIRE(commit.settled >= last_.settled);
    last_ = commit;
    ++commits;
  }

  std::mt19937 random_;
  std::vector<sink> sinks_;
  std::optional<epoch_ledger> ledger_;
  std::vector<barrier> sent_;
  commit_epoch last_{0, min_timestamp};
  std::array<std::int64_t, 2> times_{};
  bool silent_ = false; // the second source
};

} // namespace

TEST_CASE("in random runs an epoch is committed only after every sink has delivered all that came of it") {
  int commits = 0;
  int ends = 0;
  for (unsigned seed = 1; seed <= 500; ++seed) {
    CAPTURE(seed);
    simulation s{seed};
    s.run();
    commits += s.commits;
    ends += s.ends;
  }
  CHECK(commits > 7000); // the runs do come that far
  CHECK(ends > 200);
}
