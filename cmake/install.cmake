# `cmake --install build/release --prefix DIR`: the program `leat`, the layers' libraries, their headers under include/leat/<folder>/, and
# the package that find_package(leat) reads. What a program links is leat::leat.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/leat)
get_property(layers GLOBAL PROPERTY LEAT_LAYERS)

# All that is installed, without tests and benchmarks.
add_custom_target(product DEPENDS ${layers})
if(TARGET leat-program)
  add_dependencies(product leat-program)
endif()

install(TARGETS ${layers} leat EXPORT leatTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET leat-program)
  install(TARGETS leat-program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(EXPORT leatTargets NAMESPACE leat:: DESTINATION ${package_dir})

foreach(folder base messages operators persistence connectors actors pipeline)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/leat
          FILES_MATCHING PATTERN "*.hpp")
endforeach()
install(DIRECTORY ${PROJECT_BINARY_DIR}/generated/leat DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
install(FILES ${PROJECT_SOURCE_DIR}/leat.hpp ${PROJECT_SOURCE_DIR}/testing.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/leat)

write_basic_package_version_file(${PROJECT_BINARY_DIR}/leatConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_SOURCE_DIR}/cmake/leatConfig.cmake ${PROJECT_SOURCE_DIR}/cmake/dependencies.cmake
              ${PROJECT_BINARY_DIR}/leatConfigVersion.cmake
        DESTINATION ${package_dir})
