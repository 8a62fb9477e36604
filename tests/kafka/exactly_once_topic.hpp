#pragma once

#include "../support/servers/kafka_server.hpp"
#include "../support/wait_until.hpp"
#include "transactional_fixture.hpp"

#include <leat/connectors/kafka/kafka_admin.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace leat::testing {

using strings = std::vector<std::string>;

/// A topic of one partition on the shared broker, and a job of its own that writes it.
struct exactly_once_topic {
  explicit exactly_once_topic(const std::map<std::string, std::string>& configs = {}, int partitions = 1) {
    admin.create_topic({.name = name, .partitions = partitions, .replication = 1, .configs = configs});
  }

  transactional_under_test writer(std::uint32_t instance = 0, std::function<void(transaction_point)> passes = {}) const {
    return {context, name, instance, std::move(passes)};
  }

  /// The writer, gone on from what is saved.
  std::unique_ptr<transactional_under_test> restored(std::uint32_t instance = 0, std::uint32_t parallelism = 1) const {
    auto made = std::make_unique<transactional_under_test>(context, name, instance);
    made->restore(store, parallelism);
    return made;
  }

  /// What readers see now.
  strings content_now() const {
    strings all;
    for (const auto& r : read_topic(kafka.brokers(), name))
      all.push_back(r.payload.value_or("(null)"));
    return all;
  }

  /// What readers see once no transaction is open.
  strings content() const {
    wait_settled(name);
    return content_now();
  }

  std::vector<kafka_record> letters() const {
    wait_settled(name + "-dlq");
    return read_topic(kafka.brokers(), name + "-dlq");
  }

  /// A transaction is acknowledged when the coordinator has noted its end; the marks in the partitions come a little later.
  void wait_settled(const std::string& of) const {
    const kafka_admin all{kafka.brokers(), {{"isolation.level", "read_uncommitted"}}};
    wait_until("all transactions of " + of + " to end", std::chrono::seconds{10}, [&] {
      return admin.end_offsets(of) == all.end_offsets(of);
    });
  }

  /// Waits until the marker is this one: what is committed is seen a little later.
  bool wait_marker(std::int64_t epoch) const {
    const auto seen = [&] { return admin.committed_offsets(name + ".lines.0", name) == std::vector<std::int64_t>{epoch}; };
    wait_until("marker " + std::to_string(epoch), std::chrono::seconds{10}, seen);
    return true;
  }

  kafka_server& kafka = kafka_server::shared();
  kafka_admin admin{kafka.brokers()};
  std::string name = fresh_topic("once");
  job_context context{kafka.brokers(), name};
  saved_epochs store;
};

/// The lines of epochs `from` to `to`, `count` each.
inline strings epochs(std::uint64_t from, std::uint64_t to, std::size_t count) {
  strings all;
  for (auto e = from; e <= to; ++e)
    std::ranges::copy(lines_of_epoch(e, count), std::back_inserter(all));
  return all;
}

inline strings joined(const std::vector<strings>& parts) {
  strings all;
  for (const auto& part : parts)
    std::ranges::copy(part, std::back_inserter(all));
  return all;
}

} // namespace leat::testing
