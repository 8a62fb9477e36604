#pragma once

#include "file_fixture.hpp"

#include <leat/base/encoding.hpp>
#include <leat/base/error.hpp>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace leat::testing {

/// What a checkpoint store has of an exactly-once sink, and a folder that it writes to. Instances come and go.
struct epoch_world : file_world {
  std::uint64_t checkpoint = 0;
  std::map<epoch_log_name, std::string> logs;

  void store(std::uint64_t epoch, const std::vector<epoch_cut>& cuts) {
    checkpoint = epoch;
    for (const auto& c : cuts) {
      if (c.log)
        logs[c.log->name] = *c.log->bytes;
      for (const auto& name : c.done)
        logs.erase(name);
    }
  }

  /// Keeps the checkpoint in a file, for who comes after a process that was killed; and reads it again.
  void save() const {
    std::vector<std::pair<epoch_log_name, std::string>> all{logs.begin(), logs.end()};
    folder.append("next", encoded(std::pair{checkpoint, std::move(all)}));
    folder.rename("next", "state");
  }
  void load() {
    if (!std::filesystem::exists(folder.path("state")))
      return;
    const auto text = folder.text("state");
    const auto [number, all] = decoded<std::pair<std::uint64_t, std::vector<std::pair<epoch_log_name, std::string>>>>(text);
    checkpoint = number;
    logs = {all.begin(), all.end()};
  }

  /// All lines of the complete files in "out", in their order, without headers.
  [[nodiscard]] std::vector<std::string> published(std::string_view folder_name = "out") const {
    std::vector<std::string> all;
    for (const auto& name : folder.names(folder_name)) {
      if (name.starts_with('.'))
        continue;
      std::istringstream text{folder.text(std::string{folder_name} + '/' + name)};
      for (std::string one; std::getline(text, one);)
        if (one != "n,text")
          all.push_back(one);
    }
    std::sort(all.begin(), all.end());
    return all;
  }

  /// The names in "out" that end so; without the part that all of a sink have.
  [[nodiscard]] std::vector<std::string> names(std::string_view ending) const {
    std::vector<std::string> all;
    for (const auto& name : folder.names("out"))
      if (name.ends_with(ending))
        all.push_back(name.substr(name.find('-', name.find('-') + 1) + 1));
    return all;
  }

  [[nodiscard]] std::string path_ending(std::string_view ending) const {
    for (const auto& name : folder.names("out"))
      if (name.ends_with(ending))
        return folder.path("out") + '/' + name;
    return {};
  }
};

inline file_sink_options each_epoch() { return {{}, 1, 1h, {}}; }
inline file_sink_options several_epochs() { return {{}, 1'000'000, 1h, {}}; }

/// One instance of a sink, from the world's checkpoint on; what waits for the disk waits for the test. Gone, it does nothing any
/// more: that is a crash.
class epoch_run {
public:
  explicit epoch_run(
    epoch_world& world, file_sink_options options = each_epoch(), std::uint32_t parallelism = 1, const format& as = csv)
    : world_{world} {
    options.folder = world.folder.path("out");
    options.letters = world.folder.path("letters");
    options.disk = [work = work_](std::function<void()> what) { work->push_back(std::move(what)); };
    sink_ = std::make_unique<file_sink>(std::move(options), as, schema_of<line>());
    sink_->open(world.context);
    for (std::uint32_t i = 0; i < parallelism; ++i) {
      auto& writer = *writers_.emplace_back(sink_->make_transactional_writer(i, parallelism, [] {}));
      std::vector<saved_epoch_log> mine;
      for (const auto& [name, bytes] : world.logs)
        if (name.shard % parallelism == i)
          mine.push_back({name, bytes});
      writer.restore(world.checkpoint, std::move(mine));
    }
    epoch_ = world.checkpoint;
  }

  /// Does one thing that waits for the disk. @returns false when nothing does.
  bool let_one_finish() {
    if (work_->empty())
      return false;
    const auto next = std::move(work_->front());
    work_->pop_front();
    next();
    return true;
  }

  epoch_run& finish_all() {
    while (let_one_finish()) {
    }
    for (const auto& w : writers_)
      REQUIRE(w->restored());
    return *this;
  }

  epoch_run& write(const std::vector<std::int64_t>& numbers, std::uint32_t shard = 0) {
    auto in = batch<line>::fresh();
    for (const auto n : numbers)
      in->push(line{n, "x"}, timestamp{});
    CHECK(writers_[shard]->write(*in, 0) == numbers.size());
    return *this;
  }

  /// A record that JSON cannot hold.
  epoch_run& write_bad() {
    auto in = batch<line>::fresh();
    in->push(line{0, "\xff"}, timestamp{});
    CHECK(writers_[0]->write(*in, 0) == 1);
    return *this;
  }

  /// The next barrier has come. @param last the input has ended.
  epoch_run& cut(bool last = false) {
    ++epoch_;
    for (const auto& w : writers_)
      cuts_.push_back(last ? w->finish(epoch_) : w->cut(epoch_));
    return *this;
  }

  [[nodiscard]] bool prepared() const {
    return std::ranges::all_of(writers_, [this](const auto& w) { return w->prepared(epoch_); });
  }

  /// The checkpoint of the last barrier is durable, and nobody has heard of it.
  epoch_run& store() {
    REQUIRE(prepared());
    world_.store(epoch_, std::exchange(cuts_, {}));
    return *this;
  }

  epoch_run& commit() {
    for (const auto& w : writers_)
      w->commit(epoch_);
    return *this;
  }

  /// A whole checkpoint.
  epoch_run& pass() { return cut().finish_all().store().commit().finish_all(); }

  [[nodiscard]] transactional_writer& writer(std::uint32_t shard = 0) { return *writers_[shard]; }

private:
  epoch_world& world_;
  std::shared_ptr<std::deque<std::function<void()>>> work_ = std::make_shared<std::deque<std::function<void()>>>();
  std::unique_ptr<file_sink> sink_;
  std::vector<std::unique_ptr<transactional_writer>> writers_;
  std::vector<epoch_cut> cuts_; // not in a checkpoint yet
  std::uint64_t epoch_ = 0;
};

using rows = std::vector<std::string>;

/// "1,x" and so on.
inline rows rows_of(const numbers& all) {
  rows r;
  for (const auto n : all)
    r.push_back(std::to_string(n) + ",x");
  std::sort(r.begin(), r.end());
  return r;
}

} // namespace leat::testing
