/** Where Tailscale's own service is asked; nodes find it without being told. Any other address is one that they log in to. */
export const tailscaleApi = "https://api.tailscale.com";
