#pragma once

#include <string>

namespace leat {

class running_job;

/// What a running job is asked by `control_socket`.
inline constexpr const char* savepoint_request = "savepoint";
inline constexpr const char* stop_request = "stop-with-savepoint";

/// Carries a request out, and waits until it is. @returns "ok" and where the savepoint is, or "failed" and why. Any thread.
std::string carry_out(const std::string& request, running_job& job);

} // namespace leat
