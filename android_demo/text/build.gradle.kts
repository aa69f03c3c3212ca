import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    alias(libs.plugins.kotlin.jvm)
}

// No toolchain is asked for: Android Studio's own JDK, 17 or newer, compiles to 17.
java {
    sourceCompatibility = JavaVersion.VERSION_17
    targetCompatibility = JavaVersion.VERSION_17
}

kotlin {
    compilerOptions {
        jvmTarget = JvmTarget.JVM_17
        allWarningsAsErrors = true
    }
}

dependencies {
    implementation(libs.jackson.core)

    testImplementation(platform(libs.junit.bom))
    testImplementation(libs.junit.jupiter)
    testRuntimeOnly(libs.junit.launcher)
}

tasks.test {
    useJUnitPlatform()
    // A folder with small.pte, small.tflite and small.onnx, which Python's tests make; tests that need it are skipped without it.
    systemProperty("pocketbert.fixtures", providers.gradleProperty("pocketbert.fixtures").getOrElse(""))
}
