#pragma once

#include <leat/base/settings.hpp>
#include <leat/connectors/http/http_client.hpp>

#include <string>
#include <vector>

namespace leat {

/// Where a schema registry is, and what may be done there: the settings `registry.*`.
struct registry_options {
  std::vector<std::string> urls; ///< asked in turn; none ends with a slash, none has a password in it
  http_options http;
  bool registers = true; ///< schemas that it does not have yet; otherwise they are only looked up

  /// @throws config_error naming the key when there is no URL, or something that cannot be used.
  static registry_options of(const settings& config);
};

} // namespace leat
