#pragma once

#include <leat/base/error.hpp>
#include <leat/persistence/checkpoint_storage.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace leat::testing {

/// Keeps the last checkpoint in memory, from one run of a test to the next.
class memory_storage final : public checkpoint_storage {
public:
  [[nodiscard]] bool blocks() const override { return false; }
  void describe(checkpoint_manifest job, std::set<std::string> dropped) override {
    described = std::move(job);
    dropped_ = std::move(dropped);
  }

  void store(const complete_checkpoint& what) override {
    if (failing)
      throw state_error{"the disk is full"};
    std::erase_if(groups_, [&](const auto& g) { return dropped_.contains(g.first.first); });
    for (const auto& actor : what.states)
      for (const auto& d : *actor)
        if (d.replaces)
          groups_[{d.step, d.group}].clear();
    for (const auto& actor : what.states)
      for (const auto& d : *actor)
        add(d);
    stored.push_back(what.epoch);
  }

  [[nodiscard]] std::optional<stored_checkpoint> last() override {
    if (stored.empty())
      return std::nullopt;
    auto manifest = described;
    for (auto& step : manifest.steps)
      for (const auto& [of, entries] : groups_)
        if (of.first == step.uid)
          for (const auto& [key, value] : entries)
            step.contents.entry_bytes += key.second.size() + value.size();
    return stored_checkpoint{
      stored.back(), std::move(manifest), false,
      [this](const entry_visitor& visit) {
        for (const auto& [of, entries] : groups_)
          for (const auto& [key, value] : entries)
            visit({of.first, key.first, of.second, key.second, value});
      },
      [this](std::string_view step, std::string_view state, const entry_visitor& visit) {
        for (const auto& [of, entries] : groups_)
          for (const auto& [key, value] : entries)
            if (of.first == step && key.first == state)
              visit({of.first, key.first, of.second, key.second, value});
      }};
  }

  [[nodiscard]] std::unique_ptr<stored_entries> entries_of(const std::string& uid, std::uint32_t max_parallelism) override {
    class entries final : public stored_entries {
    public:
      entries(const memory_storage& in, std::string uid, std::uint32_t groups)
        : in_{in}, uid_{std::move(uid)}, groups_{groups} {
        entries::refresh();
      }
      std::optional<std::string_view> find(std::string_view state, std::uint64_t hash, std::string_view key) override {
        ++in_.looked_up;
        const auto of_group = shown_.find({uid_, stored_group(state_owner::key, hash, groups_)});
        if (of_group == shown_.end())
          return std::nullopt;
        const auto found = of_group->second.find({std::string{state}, std::string{key}});
        return found == of_group->second.end() ? std::nullopt : std::optional<std::string_view>{found->second};
      }
      void refresh() override { shown_ = in_.groups_; }

    private:
      const memory_storage& in_;
      const std::string uid_;
      const std::uint32_t groups_;
      all_groups shown_; // as of the last refresh
    };
    return std::make_unique<entries>(*this, uid, max_parallelism);
  }

  [[nodiscard]] std::string save() override {
    ++saved;
    return "savepoint " + std::to_string(stored.back());
  }
  void retain(std::size_t count) override { retained.push_back(count); }

  bool failing = false;
  int saved = 0;                     ///< savepoints
  std::vector<std::size_t> retained; ///< how many were to be kept, each time that one was
  std::vector<std::uint64_t> stored; ///< their numbers
  mutable int looked_up = 0;         ///< entries
  checkpoint_manifest described;

private:
  using group = std::map<std::pair<std::string, std::string>, std::string>; // state and key -> value

  using all_groups = std::map<std::pair<std::string, std::uint16_t>, group>; // by step

  void add(const delta& d) {
    auto& entries = groups_[{d.step, d.group}];
    delta_reader reader{d};
    while (const auto e = reader.next()) {
      const std::pair name{d.states[e->state], std::string{e->key}};
      if (e->value)
        entries[name] = std::string{*e->value};
      else
        entries.erase(name);
    }
  }

  all_groups groups_;
  std::set<std::string> dropped_;
};

} // namespace leat::testing
