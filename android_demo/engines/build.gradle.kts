import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    alias(libs.plugins.android.library)
    alias(libs.plugins.kotlin.android)
}

android {
    namespace = "dev.pocketbert.engines"
    compileSdk = 34 // as the app

    defaultConfig {
        minSdk = 26
        consumerProguardFiles("consumer-rules.pro")
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }

    testOptions {
        unitTests.all {
            it.useJUnitPlatform()
            it.systemProperty("pocketbert.fixtures", providers.gradleProperty("pocketbert.fixtures").getOrElse(""))
        }
    }

    lint {
        lintConfig = rootProject.file("lint.xml")
        warningsAsErrors = true
    }
}

kotlin {
    compilerOptions {
        jvmTarget = JvmTarget.JVM_17
        allWarningsAsErrors = true
    }
}

dependencies {
    api(project(":text"))

    // Compiled against all three; the app brings those that it wants. Opening a file whose runtime is missing is an error that
    // names the line to add.
    compileOnly(libs.executorch.android)
    compileOnly(libs.litert)
    compileOnly(libs.onnxruntime.android)

    testImplementation(platform(libs.junit.bom))
    testImplementation(libs.junit.jupiter)
    testRuntimeOnly(libs.junit.launcher)
    testImplementation(libs.jackson.core)
    testImplementation(libs.onnxruntime.desktop) // the Android library's classes, with natives for the desktop
    testImplementation(libs.executorch.android)
    testImplementation(libs.litert) // its classes, but for those that the test sources have anew
    testImplementation(libs.tflite.desktop)
    testRuntimeOnly(variantOf(libs.tflite.desktop) { classifier("linux-x86_64") })
    testRuntimeOnly(variantOf(libs.javacpp) { classifier("linux-x86_64") })
}
