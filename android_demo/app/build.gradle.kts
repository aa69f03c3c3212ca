import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    alias(libs.plugins.android.application)
    alias(libs.plugins.kotlin.android)
}

android {
    namespace = "dev.pocketbert.app"

    // 34 is the newest whose resources the build without an Android SDK can read, and it builds from this number too. Stores ask
    // for a newer target from time to time: raise both numbers here, nothing in the sources waits for it.
    compileSdk = 34

    defaultConfig {
        applicationId = "dev.pocketbert.app"
        minSdk = 26
        targetSdk = 34
        versionCode = 1
        versionName = "0.1.0"
        ndk {
            abiFilters += listOf("arm64-v8a", "x86_64") // those that ExecuTorch is published for
        }
    }

    buildTypes {
        release {
            isMinifyEnabled = true
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"), "proguard-rules.pro")
            signingConfig = signingConfigs.getByName("debug") // it can be installed at once; a store wants a key of yours
        }
    }

    androidResources {
        noCompress += listOf("pte", "tflite", "onnx") // a stored asset can be mapped, a compressed one only copied
    }

    packaging {
        jniLibs {
            useLegacyPackaging = false // libraries stay in the APK, stored and aligned, and are loaded from there
            pickFirsts += "**/libc++_shared.so" // more than one runtime may bring the C++ library
        }
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }

    testOptions {
        unitTests {
            isIncludeAndroidResources = true
            all {
                it.maxHeapSize = "2g"
                it.jvmArgs("--add-opens", "java.base/java.io=ALL-UNNAMED") // Robolectric reaches into FileDescriptor for mapped assets
                it.systemProperty("pocketbert.fixtures", providers.gradleProperty("pocketbert.fixtures").getOrElse(""))
            }
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

val runtimes = providers.gradleProperty("pocketbert.runtimes").get().split(",").map { it.trim() } // gradle.properties

dependencies {
    implementation(project(":engines"))

    if ("executorch" in runtimes) implementation(libs.executorch.android)
    if ("litert" in runtimes) implementation(libs.litert)
    if ("onnx" in runtimes) implementation(libs.onnxruntime.android)

    testImplementation(libs.junit4)
    testImplementation(libs.robolectric)
    testImplementation(libs.onnxruntime.desktop) // the Android library's classes, with natives for the desktop
}
