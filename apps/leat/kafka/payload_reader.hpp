#pragma once

#include <leat/apps/leat/kafka/interruption.hpp>
#include <leat/apps/leat/kafka/record_text.hpp>
#include <leat/base/settings.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace leat::cli {

/// Says what keys and values are by the schemas of a registry; without one, in `registry.url`, they are bytes.
class payload_reader {
public:
  /// Asks the registry for something, so that one that is not there is known before the first record.
  /// @param topic one that is read. @param stop outlives this.
  /// @throws connector_error when the registry does not answer, or refuses.
  payload_reader(const settings& config, const std::string& topic, const interruption& stop);

  /// Of what should be in the format of registries: says why when it is not.
  [[nodiscard]] payload expected(std::optional<std::string_view> bytes);

  /// Of what may be in that format, as keys mostly are text.
  [[nodiscard]] payload possible(std::optional<std::string_view> bytes);

private:
  std::unique_ptr<registry_client> registry_; // none: there is no registry
  std::optional<registered_printer> printer_; // likewise
};

} // namespace leat::cli
