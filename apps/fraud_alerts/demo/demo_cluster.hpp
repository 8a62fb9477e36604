#pragma once

#include <leat/base/settings.hpp>
#include <leat/connectors/kafka/mock_cluster.hpp>

#include <optional>
#include <string>
#include <vector>

namespace leat::fraud {

/// The Kafka of a demo: an embedded one, or topics of its own on a real one, which are gone afterwards.
class demo_cluster {
public:
  /// @param config the user's settings.
  /// @param real whether to use `kafka.brokers` rather than an embedded broker.
  /// @throws connector_error when the topics cannot be created; none is left then.
  demo_cluster(const settings& config, bool real, int partitions);

  /// Deletes the topics, those of dead letters too; what goes wrong is logged.
  ~demo_cluster();

  demo_cluster(const demo_cluster&) = delete;
  demo_cluster& operator=(const demo_cluster&) = delete;

  /// The user's settings, with brokers, topics and group of this demo.
  [[nodiscard]] const settings& config() const noexcept { return config_; }

  [[nodiscard]] const std::string& brokers() const noexcept { return brokers_; }
  [[nodiscard]] bool embedded() const noexcept { return embedded_.has_value(); }

  /// Of each partition of the alerts' topic, the offset after its last record.
  [[nodiscard]] std::vector<std::int64_t> alert_ends() const;

private:
  demo_cluster() = default;
  void use_embedded(const settings& config, int partitions);
  void use_real(const settings& config, int partitions);
  void set(const std::string& key, const std::string& value);
  void remove(const std::string& topic) const;

  std::optional<mock_cluster> embedded_;
  settings config_;
  std::string brokers_;
  std::vector<std::string> created_; // topics to be deleted, and their dead letters
};

} // namespace leat::fraud
