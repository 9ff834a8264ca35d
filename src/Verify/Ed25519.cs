using System.Numerics;
using System.Security.Cryptography;

namespace EventFiles.Verify;

/// <summary>
/// Verifies signatures of Ed25519 as RFC 8032, 5.1.7 says it, with nothing but whole numbers: milliseconds each, on any
/// machine. Everything here is public, so that nothing needs to take the same time.
/// </summary>
public static class Ed25519
{
    private const int KeyBytes = 32;
    private const int SignatureBytes = 64;

    private static readonly BigInteger Prime = BigInteger.Pow(2, 255) - 19;
    private static readonly BigInteger Order = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", CultureInfo.InvariantCulture);
    private static readonly BigInteger D = Modulo(-121665 * Inverse(121666));
    private static readonly BigInteger RootOfMinusOne = BigInteger.ModPow(2, (Prime - 1) / 4, Prime);
    private static readonly Point Base = Point.Read(Convert.FromHexString("5866666666666666666666666666666666666666666666666666666666666666"))!.Value;

    /// <summary>Whether the holder of a key signed these bytes.</summary>
    /// <param name="publicKey">32 bytes.</param>
    /// <param name="signature">64 bytes.</param>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != KeyBytes || signature.Length != SignatureBytes)
            return false;
        var scalar = Number(signature[KeyBytes..]);
        if (scalar >= Order || Point.Read(publicKey) is not { } key || Point.Read(signature[..KeyBytes]) is not { } commitment)
            return false;
        var challenge = Number(SHA512.HashData([.. signature[..KeyBytes], .. publicKey, .. message])) % Order;
        return Base.Times(scalar).Equals(commitment.Plus(key.Times(challenge)));
    }

    private static BigInteger Number(ReadOnlySpan<byte> littleEndian) => new(littleEndian, isUnsigned: true);

    private static BigInteger Modulo(BigInteger number)
    {
        var rest = number % Prime;
        return rest.Sign < 0 ? rest + Prime : rest;
    }

    private static BigInteger Inverse(BigInteger number) => BigInteger.ModPow(Modulo(number), Prime - 2, Prime);

    // Extended coordinates: x = X/Z, y = Y/Z, xy = T/Z.
    private readonly record struct Point(BigInteger X, BigInteger Y, BigInteger Z, BigInteger T)
    {
        private static readonly Point Neutral = new(0, 1, 1, 0);

        public static Point? Read(ReadOnlySpan<byte> encoded)
        {
            var bytes = encoded.ToArray();
            var isOdd = (bytes[^1] & 0x80) != 0;
            bytes[^1] &= 0x7f;
            var y = Number(bytes);
            if (y >= Prime)
                return null;
            var square = Modulo((y * y - 1) * Inverse(D * y * y + 1));
            var x = BigInteger.ModPow(square, (Prime + 3) / 8, Prime);
            if (Modulo(x * x - square) != 0)
                x = Modulo(x * RootOfMinusOne);
            if (Modulo(x * x - square) != 0 || (x.IsZero && isOdd))
                return null;
            if (!x.IsEven != isOdd)
                x = Prime - x;
            return new Point(x, y, 1, Modulo(x * y));
        }

        public Point Plus(Point other)
        {
            var a = Modulo((Y - X) * (other.Y - other.X));
            var b = Modulo((Y + X) * (other.Y + other.X));
            var c = Modulo(2 * T * other.T * D);
            var d = Modulo(2 * Z * other.Z);
            var (e, f, g, h) = (b - a, d - c, d + c, b + a);
            return new Point(Modulo(e * f), Modulo(g * h), Modulo(f * g), Modulo(e * h));
        }

        public Point Times(BigInteger times)
        {
            var (sum, power) = (Neutral, this);
            for (; times > 0; times >>= 1)
            {
                if (!times.IsEven)
                    sum = sum.Plus(power);
                power = power.Plus(power);
            }

            return sum;
        }

        public bool Equals(Point other) =>
            Modulo(X * other.Z - other.X * Z) == 0 && Modulo(Y * other.Z - other.Y * Z) == 0;

        public override int GetHashCode() => Modulo(X * Inverse(Z)).GetHashCode();
    }
}
