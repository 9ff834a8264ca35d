namespace EventFiles.Host.Configuration;

/// <summary>Passwords that everybody knows. Good for trying things out on one machine, and refused everywhere else.</summary>
internal static class Credentials
{
    public const int SecretLength = 32;

    private static readonly HashSet<string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        "admin", "changeme", "change-me", "change_me", "default", "eventfiles", "example", "guest", "minio", "minio123",
        "minioadmin", "pass", "password", "postgres", "rabbitmq", "redis", "root", "secret", "test", "123456", "12345678",
    };

    private static readonly string[] Placeholders = ["changeme", "change-me", "change_me", "change-this", "change_this", "your-", "your_", "example", "placeholder", "insert-"];

    /// <summary>What is wrong with a login, or null.</summary>
    public static string? Wrong(string user, string password) =>
        password.Length == 0 ? "there is no password"
        : Known.Contains(password) ? "its password is one that everybody knows"
        : user.Length > 0 && string.Equals(user, password, StringComparison.OrdinalIgnoreCase) ? "its password is the user's name"
        : null;

    /// <summary>What is wrong with a secret that keys are made of, or null.</summary>
    public static string? WrongSecret(string secret) =>
        secret.Length < SecretLength ? $"it is shorter than {SecretLength} characters"
        : Array.Exists(Placeholders, word => secret.Contains(word, StringComparison.OrdinalIgnoreCase)) ? "it looks like a text that was meant to be replaced"
        : secret.Distinct().Count() < 10 ? "it consists of a few characters that are repeated"
        : null;
}
