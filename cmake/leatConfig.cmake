# find_package(leat): `leat::leat` is the whole of it, `leat::<layer>` (leat::operators, …) its parts.
include(${CMAKE_CURRENT_LIST_DIR}/dependencies.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/leatTargets.cmake)
