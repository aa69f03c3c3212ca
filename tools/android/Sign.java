import com.android.apksig.ApkSigner;
import com.android.apksig.ApkVerifier;
import java.io.File;
import java.io.FileInputStream;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/** `java -cp apksig.jar Sign.java KEYSTORE PASSWORD IN OUT`: signs by the schemes v2 and v3 and verifies what it wrote. */
public class Sign {
    private static final int PAGE = 16384; // of the phones with the largest pages; a library is loaded straight from the APK

    public static void main(String[] arguments) throws Exception {
        char[] password = arguments[1].toCharArray();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (FileInputStream stream = new FileInputStream(arguments[0])) {
            keys.load(stream, password);
        }
        String alias = keys.aliases().nextElement();
        PrivateKey key = (PrivateKey) keys.getKey(alias, password);
        X509Certificate certificate = (X509Certificate) keys.getCertificate(alias);
        ApkSigner.SignerConfig signer = new ApkSigner.SignerConfig.Builder(alias, key, List.of(certificate)).build();
        File out = new File(arguments[3]);
        new ApkSigner.Builder(List.of(signer))
                .setInputApk(new File(arguments[2]))
                .setOutputApk(out)
                .setLibraryPageAlignmentBytes(PAGE)
                .setV1SigningEnabled(false) // Android 7 and newer read v2
                .setV2SigningEnabled(true)
                .setV3SigningEnabled(true)
                .build()
                .sign();
        ApkVerifier.Result result = new ApkVerifier.Builder(out).build().verify();
        if (!result.isVerified()) {
            throw new IllegalStateException("the signature does not verify: " + result.getAllErrors());
        }
    }
}
