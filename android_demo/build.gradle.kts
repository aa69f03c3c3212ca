// The same source folders are built by Maven (pom.xml) where no Android SDK is; there the tests of the repository run.
plugins {
    alias(libs.plugins.android.application) apply false
    alias(libs.plugins.android.library) apply false
    alias(libs.plugins.kotlin.android) apply false
    alias(libs.plugins.kotlin.jvm) apply false
}

allprojects {
    group = "dev.pocketbert" // an app that includes this build asks for dev.pocketbert:engines
}

// No wrapper is committed (its jar is a program that nobody reads): `gradle wrapper` writes it, with this version.
tasks.wrapper {
    gradleVersion = "8.14.3"
}
