#include <leat/persistence/epoch_ledger.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <vector>

using namespace leat;

namespace {

/// A job by its rules alone: one source of records with rising times, sinks that each get every window's row, windows of
/// ten milliseconds. Steps happen in random order; the ledger's decisions are carried out and judged against what the
/// sinks have delivered.
class simulation {
public:
  explicit simulation(unsigned seed) : random_{seed}, sinks_(1 + random_() % 3) {
    std::set<actor_id> ids;
    for (actor_id id = 0; id < sinks_.size(); ++id)
      ids.insert(id);
    ledger_.emplace(std::move(ids));
  }

  void run() {
    for (int i = 0; i < 400; ++i)
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

private:
  struct barrier {
    std::uint64_t epoch;
    std::int64_t position;   // time of the last record before it: positions are times here
    std::int64_t settles_at; // last millisecond of the window open at that time
  };

  struct sink {
    std::int64_t watermark = -1; // every window whose last millisecond is <= this has been delivered here
    std::size_t barriers = 0;    // of those that were sent
    std::vector<settle_epoch> asked;
  };

  void read_on() { time_ += static_cast<std::int64_t>(random_() % 7); }

  void begin() { sent_.push_back({ledger_->begin(), time_, time_ / 10 * 10 + 9}); }

  void turn_of(std::size_t number) {
    auto& s = sinks_[number];
    const auto id = static_cast<actor_id>(number);
    if (s.barriers < sent_.size() && random_() % 2 == 0) {
      const auto& b = sent_[s.barriers++];
      s.watermark = std::max(s.watermark, b.position - 1);
      if (const auto request = ledger_->on_arrived({id, b.epoch, from_millis(b.settles_at), from_millis(s.watermark)}))
        for (auto& each : sinks_)
          each.asked.push_back(*request);
    } else if (s.barriers == sent_.size()) {
      s.watermark = std::max(s.watermark, time_ - static_cast<std::int64_t>(random_() % 5) - 1);
    }
    for (auto r = s.asked.begin(); r != s.asked.end();) {
      if (to_millis(r->settled) > s.watermark) {
        ++r;
        continue;
      }
      const auto epoch = r->epoch;
      r = s.asked.erase(r);
      if (const auto commit = ledger_->on_settled({id, epoch}))
        judge(*commit);
    }
  }

  /// Whatever is committed must be everywhere.
  void judge(const commit_epoch& commit) {
    const auto b = std::find_if(sent_.begin(), sent_.end(), [&](const auto& x) { return x.epoch == commit.epoch; });
    REQUIRE(b != sent_.end());
    const auto last_of_window = b->position / 10 * 10 + 9;
    for (const auto& s : sinks_) {
      REQUIRE(s.watermark >= last_of_window);               // every window with a record before the position
      REQUIRE(s.watermark >= to_millis(commit.settled));    // everything that will be skipped at a restart
      REQUIRE(to_millis(commit.settled) >= last_of_window); // no window is sent again in part
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
  std::int64_t time_ = 0;
};

} // namespace

TEST_CASE("in random runs an epoch is committed only after every sink has delivered all that came of it") {
  int commits = 0;
  for (unsigned seed = 1; seed <= 500; ++seed) {
    CAPTURE(seed);
    simulation s{seed};
    s.run();
    commits += s.commits;
  }
  CHECK(commits > 5000); // the runs do come that far
}
