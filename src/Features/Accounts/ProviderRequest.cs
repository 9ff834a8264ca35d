using FluentValidation;
using MediatR;

namespace EventFiles.Features.Accounts;

/// <summary>A browser wants to sign in at the provider.</summary>
public sealed record BeginProvider : IRequest<Answer<ProviderBeginning>>;

/// <summary>A browser has come back from there.</summary>
/// <param name="Code">For the provider.</param>
/// <param name="State">The errand's, as the browser brings it.</param>
/// <param name="Errand">What the browser kept for us, sealed.</param>
/// <param name="From">Where the request comes from.</param>
public sealed record EndProvider(string Code, string State, string Errand, SignInFrom From) : IRequest<Answer<WebSession>>;

/// <summary>Where a browser goes, and what it keeps for us meanwhile.</summary>
public sealed record ProviderBeginning(Uri Address, string Errand);

/// <summary>How people come in here.</summary>
/// <param name="Provider">A server that they may sign in at, by name; null when there is none.</param>
/// <param name="SignUp">Who may open an account.</param>
/// <param name="PasskeyDomain">The domain that passkeys work at: a page of another one cannot use them.</param>
public sealed record SignInWays(string? Provider, SignUpRule SignUp, string PasskeyDomain);

internal sealed class EndProviderShape : AbstractValidator<EndProvider>
{
    public EndProviderShape()
    {
        RuleFor(ask => ask.Code).NotEmpty().MaximumLength(4096);
        RuleFor(ask => ask.State).NotEmpty().MaximumLength(256);
        RuleFor(ask => ask.Errand).NotEmpty().MaximumLength(4096);
    }
}
