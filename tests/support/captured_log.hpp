#pragma once

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <sstream>
#include <string>
#include <string_view>

namespace leat::testing {

/// Takes what is logged, for as long as it lives. Outlives the threads that log; is asked when they are gone.
class captured_log {
public:
  captured_log() {
    spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("capture", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)));
  }
  captured_log(const captured_log&) = delete;
  captured_log& operator=(const captured_log&) = delete;
  ~captured_log() { spdlog::set_default_logger(before_); }

  /// The lines that have this in them.
  [[nodiscard]] int count(std::string_view part) const {
    std::istringstream lines{text_.str()};
    int found = 0;
    for (std::string one; std::getline(lines, one);)
      found += one.find(part) != std::string::npos ? 1 : 0;
    return found;
  }

private:
  std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
  std::ostringstream text_;
};

} // namespace leat::testing
