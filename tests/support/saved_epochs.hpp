#pragma once

#include <leat/base/encoding.hpp>
#include <leat/connectors/transactional_writer.hpp>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace leat::testing {

/// What a checkpoint store holds of one sink: the last durable checkpoint, and the logs in it.
class saved_epochs {
public:
  /// Makes checkpoint `epoch` durable with what an actor changes in it.
  void apply(std::uint64_t epoch, epoch_cut changed) {
    checkpoint_ = epoch;
    fail(std::move(changed));
    for (const auto& c : std::exchange(changes_, {})) {
      for (const auto& name : c.done)
        logs_.erase(name);
      if (c.log)
        logs_[c.log->name] = *c.log->bytes;
    }
  }

  /// The checkpoint does not come about: what was to change in it goes with the next one.
  void fail(epoch_cut changed) { changes_.push_back(std::move(changed)); }

  /// The logs of the shards that actor `instance` of `parallelism` stands in for.
  [[nodiscard]] std::vector<saved_epoch_log> logs_for(std::uint32_t instance, std::uint32_t parallelism) const {
    std::vector<saved_epoch_log> found;
    for (const auto& [name, bytes] : logs_)
      if (name.shard % parallelism == instance)
        found.push_back({name, bytes});
    return found;
  }

  [[nodiscard]] std::uint64_t checkpoint() const noexcept { return checkpoint_; }

  [[nodiscard]] std::vector<epoch_log_name> names() const {
    std::vector<epoch_log_name> all;
    for (const auto& [name, bytes] : logs_)
      all.push_back(name);
    return all;
  }

  /// Keeps it in a file that is replaced whole, and reads it back; a file that is not there is empty.
  void save(const std::filesystem::path& file) const {
    std::string bytes;
    byte_writer to{bytes};
    to.unsigned_number(checkpoint_);
    for (const auto& [name, log] : logs_) {
      encode(to, name);
      to.text(log);
    }
    const auto aside = file.string() + ".new";
    std::ofstream{aside, std::ios::binary} << bytes;
    std::filesystem::rename(aside, file);
  }

  static saved_epochs load(const std::filesystem::path& file) {
    saved_epochs loaded;
    std::ifstream in{file, std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    byte_reader from{bytes};
    if (!from.empty())
      loaded.checkpoint_ = from.unsigned_number();
    while (!from.empty()) {
      epoch_log_name name;
      decode(from, name);
      loaded.logs_[name] = from.text();
    }
    return loaded;
  }

private:
  std::uint64_t checkpoint_ = 0;
  std::map<epoch_log_name, std::string> logs_;
  std::vector<epoch_cut> changes_; // of the next checkpoint
};

} // namespace leat::testing
