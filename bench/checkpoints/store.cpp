#include <leat/bench/checkpoints/store.hpp>

#include <leat/actors/epochs/state_snapshot.hpp>
#include <leat/base/key_group.hpp>
#include <leat/base/key_hash.hpp>
#include <leat/bench/checkpoints/scratch_folder.hpp>
#include <leat/operators/chain.hpp>
#include <leat/operators/keyed_process.hpp>
#include <leat/operators/state/value_state.hpp>
#include <leat/persistence/checkpoint_store.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace leat::bench {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::uint32_t groups = 128;
constexpr std::uint64_t keys = 1'000'000;
constexpr std::uint64_t changed_keys = keys / 100;
constexpr int checkpoints = 400;

double milliseconds_since(clock::time_point then) {
  return std::chrono::duration<double, std::milli>(clock::now() - then).count();
}

// Bytes that this process has given to the system to write so far. Not `write_bytes`: that counts whole folios of the page cache,
// ten times what is written where folios are large.
double written_bytes() {
  std::ifstream io{"/proc/self/io"};
  for (std::string name; io >> name;) {
    double value = 0;
    io >> value;
    if (name == "wchar:")
      return value;
  }
  throw std::runtime_error{"/proc/self/io does not say how much was written"};
}

double percentile(std::vector<double> all, double share) {
  std::sort(all.begin(), all.end());
  return all.at(std::min(all.size() - 1, static_cast<std::size_t>(share * static_cast<double>(all.size()))));
}

// The deltas of keys, and what is in them of keys and values.
struct handed_over {
  std::vector<delta> deltas;
  std::uint64_t bytes = 0;
};

template <class Key>
handed_over handed_over_of(std::uint64_t count, const Key& key_at) {
  std::vector<delta_writer> writers;
  for (std::uint32_t g = 0; g < groups; ++g)
    writers.emplace_back("totals", static_cast<std::uint16_t>(g));
  handed_over made;
  std::string value(40, 'v');
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto key = fmt::format("user-{:07}", key_at(i));
    auto& to = writers[key_group_of(key_hash(key), groups)];
    to.put("sum", key, value);
    made.bytes += key.size() + value.size();
    if (to.full())
      made.deltas.push_back(to.take());
  }
  for (auto& to : writers)
    if (!to.empty())
      made.deltas.push_back(to.take());
  return made;
}

checkpoint_manifest description() {
  checkpoint_manifest m;
  m.job = "bench";
  m.parallelism = 2;
  m.max_parallelism = groups;
  m.steps = {{"totals", "totals", 2, {{"sum", "text", "bytes"}}}};
  return m;
}

void expect(const write_result& result) {
  if (!result)
    throw std::runtime_error{result.text};
}

double commit(checkpoint_store& store, std::uint64_t number, handed_over what) {
  const auto began = clock::now();
  store.begin(number);
  store.add(std::make_shared<const actor_state>(std::move(what.deltas)));
  expect(store.commit(description()));
  return milliseconds_since(began);
}

struct numbers {
  std::vector<double> commits;
  std::vector<double> folds;
  double written_per_byte = 0;
  double file_bytes = 0;
  double restore_ms = 0;
};

numbers measure(const std::string& directory, bool folds) {
  checkpoint_store_options options;
  if (!folds)
    options.fold = {1e9, std::numeric_limits<std::uint64_t>::max(), {}, std::numeric_limits<std::uint64_t>::max()};
  checkpoint_store store{directory, options};
  (void)commit(store, 1, handed_over_of(keys, [](std::uint64_t i) { return i; }));
  for (auto more = true; folds && more;) {
    const auto report = store.fold_some();
    expect(report.written);
    more = report.deltas > 0;
  }

  numbers n;
  std::mt19937_64 random{1};
  double bytes = 0;
  const auto before = written_bytes();
  for (int i = 0; i < checkpoints; ++i) {
    auto what = handed_over_of(changed_keys, [&](std::uint64_t) { return random() % keys; });
    bytes += static_cast<double>(what.bytes);
    n.commits.push_back(commit(store, static_cast<std::uint64_t>(i) + 2, std::move(what)));
    while (folds) {
      const auto began = clock::now();
      const auto report = store.fold_some();
      expect(report.written);
      if (report.deltas == 0)
        break;
      n.folds.push_back(milliseconds_since(began));
    }
  }
  n.written_per_byte = (written_bytes() - before) / bytes;
  n.file_bytes = static_cast<double>(std::filesystem::file_size(directory + "/checkpoints.mdb"));
  const auto began = clock::now();
  std::uint64_t restored = 0;
  store.restore([&](const stored_entry&) { ++restored; });
  n.restore_ms = milliseconds_since(began);
  if (restored != keys)
    throw std::runtime_error{fmt::format("{} of {} keys were restored", restored, keys)};
  return n;
}

struct addition {
  std::int64_t key = 0;
  std::int64_t value = 0;
};

struct running_sum {
  value_state<std::int64_t> sum;

  void open(state_registry& r) { r.add("sum", sum); }
  void process(const addition& a, keyed_context<std::int64_t>&, collector<addition>&) { sum.edit() += a.value; }
};

// A step with a sum for each key, and the snapshots of its actor.
class summing_actor {
public:
  summing_actor() {
    step_context context{"totals", 0, 1, &steps_.flow(), &registry_, &steps_.clock(), {}};
    context.snapshots = true;
    using summing = keyed_process_step<addition, std::int64_t, std::int64_t addition::*, addition, running_sum>;
    steps_.add(steps_.root(), std::make_unique<summing>(std::move(context), &addition::key, running_sum{}));
    snapshots_.emplace("totals", groups, std::vector<state_snapshot::named_step>{{"totals", &steps_.last()}});
  }

  template <class Key>
  void add(std::uint64_t count, const Key& key_at) {
    auto in = batch<addition>::fresh();
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto key = static_cast<std::int64_t>(key_at(i));
      in->push(addition{key, 1}, {}, key_hash(key));
      if (in->full() || i + 1 == count)
        steps_.on_batch(std::exchange(in, batch<addition>::fresh()));
    }
  }

  // How long a snapshot takes, and how many bytes it has.
  std::pair<double, double> snapshot() {
    const auto began = clock::now();
    const auto taken = snapshots_->take(min_timestamp);
    const auto took = milliseconds_since(began);
    double bytes = 0;
    for (const auto& d : *taken)
      bytes += static_cast<double>(d.size());
    return {took, bytes};
  }

private:
  metrics registry_;
  chain steps_{"totals", registry_};
  std::optional<state_snapshot> snapshots_;
};

void report_snapshots(bench_report& report) {
  std::mt19937_64 random{1};
  std::vector<double> all, of_changes;
  double bytes = 0, bytes_of_changes = 0;
  for (int run = 0; run < 5; ++run) {
    summing_actor actor;
    actor.add(keys, [](std::uint64_t i) { return i; });
    const auto first = actor.snapshot();
    all.push_back(first.first);
    bytes = first.second;
    for (int i = 0; i < 20; ++i) {
      actor.add(changed_keys, [&](std::uint64_t) { return random() % keys; });
      const auto next = actor.snapshot();
      of_changes.push_back(next.first);
      bytes_of_changes = next.second;
    }
  }
  const auto everything = percentile(all, 0.5);
  report.add({"snapshot of all keys p50", everything, "ms"});
  for (const auto& [name, share] : {std::pair{"snapshot of 1 % p50", 0.5}, {"snapshot of 1 % p99", 0.99}})
    report.add({name, percentile(of_changes, share), "ms", "all keys", percentile(of_changes, share) / everything});
  report.add({"snapshot of 1 %, bytes", bytes_of_changes / 1e6, "MB", "all keys", bytes_of_changes / bytes});
}

// The same bytes, appended to a file and synced.
std::vector<double> plain_writes(const std::string& file) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  std::vector<double> all;
  std::mt19937_64 random{1};
  for (int i = 0; i < checkpoints; ++i) {
    const auto what = handed_over_of(changed_keys, [&](std::uint64_t) { return random() % keys; });
    std::string bytes;
    for (const auto& d : what.deltas)
      bytes += d.bytes;
    const auto began = clock::now();
    if (::write(fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) || ::fdatasync(fd) != 0)
      throw std::runtime_error{file + ": cannot be written"};
    all.push_back(milliseconds_since(began));
  }
  ::close(fd);
  return all;
}

} // namespace

void report_store(bench_report& report) {
  const scratch_folder folder{"store"};
  const auto plain = plain_writes(folder.path("plain"));
  const auto without = measure(folder.path("unfolded"), false);
  const auto with = measure(folder.path("folded"), true);

  const auto beside_plain = [&](const char* metric, const std::vector<double>& commits, double share) {
    const auto value = percentile(commits, share);
    report.add({metric, value, "ms", "write and fdatasync", value / percentile(plain, share), at_most(10)});
  };
  beside_plain("commit p50", with.commits, 0.5);
  beside_plain("commit p99", with.commits, 0.99);
  beside_plain("commit p50 without folds", without.commits, 0.5);
  beside_plain("commit p99 without folds", without.commits, 0.99);
  report.add({"write and fdatasync p50", percentile(plain, 0.5), "ms"});
  report.add({"write and fdatasync p99", percentile(plain, 0.99), "ms"});
  if (!with.folds.empty()) {
    report.add({"folds per checkpoint", static_cast<double>(with.folds.size()) / checkpoints});
    report.add({"fold p50", percentile(with.folds, 0.5), "ms"});
    report.add({"fold p99", percentile(with.folds, 0.99), "ms"});
  }
  report.add(
    {"bytes written per changed byte", with.written_per_byte, "", "without folds",
     with.written_per_byte / without.written_per_byte});
  report.add({"file", with.file_bytes / 1e6, "MB", "without folds", with.file_bytes / without.file_bytes});
  report.add({"restore", with.restore_ms, "ms", "without folds", with.restore_ms / without.restore_ms});
  report_snapshots(report);
}

} // namespace leat::bench
